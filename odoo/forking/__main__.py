"""`python3 -I -B odoo/forking --major=18 --socket=… …`: see plana_forking."""

from plana_forking.main import main

main()
