"""Write the cards: ``python -m tools.cards``."""

from tools.cards import main

if __name__ == "__main__":
    main()
