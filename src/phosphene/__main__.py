"""`python -m phosphene`, for `torchrun -m phosphene pretrain …`."""

import sys

from phosphene.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
