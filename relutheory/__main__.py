"""``python -m relutheory`` is the command line."""

from relutheory.cli import main

if __name__ == "__main__":
    main()
