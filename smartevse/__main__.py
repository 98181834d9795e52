"""`python -m smartevse`: the same as the command `smartevse`."""

import sys

from smartevse.cli import main

sys.exit(main())
