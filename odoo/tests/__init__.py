"""Tests of the add-ons' parts that need no Odoo: `python3 -m unittest discover -s odoo/tests`."""
