"""The command line of training: `zoo train` and the maintainers' jobs. Heavy imports wait until a command runs."""
