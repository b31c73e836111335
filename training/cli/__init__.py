"""The command line of training: `zoo train`, which is `python -m training`, and the maintainers' jobs. What is heavy is imported in the commands."""
