"""``python -m riskmodel`` is the program, where it is not on the path."""

from riskmodel.cli import main

if __name__ == "__main__":
    main()
