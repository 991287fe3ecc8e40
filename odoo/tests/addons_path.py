"""Makes `import plana_gateway` work where no Odoo is, and so no `odoo.addons`."""

import sys
from pathlib import Path

ADDONS = Path(__file__).resolve().parents[1] / 'addons'

sys.path.insert(0, str(ADDONS))
