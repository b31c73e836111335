"""`python -m app.cli`: the command line where its script is not installed."""

from app.cli import main

if __name__ == "__main__":
    main()
