"""Write the pages: ``python -m tools.results``."""

from tools.results import main

if __name__ == "__main__":
    main()
