"""The command line of training: `zoo train` and the maintainers' jobs. Commands import what is heavy when they run."""
