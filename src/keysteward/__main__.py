"""What does `python -m keysteward` do? The same as `keysteward`."""

from keysteward.cli.app import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
