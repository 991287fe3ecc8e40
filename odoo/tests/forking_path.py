"""Makes `import plana_forking` work."""

import sys
from pathlib import Path

FORKING = Path(__file__).resolve().parents[1] / 'forking'

sys.path.insert(0, str(FORKING))
