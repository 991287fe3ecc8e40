{
    'name': 'Plana Gateway',
    'summary': 'Answers its own gateway only, seals before a stop, evicts idle registries',
    'description': 'Server-wide: --load=base,web,plana_gateway; never installed in a database.',
    'version': '1.0.0',
    'author': 'Plana',
    'license': 'LGPL-3',
    'category': 'Hidden',
    'depends': ['base', 'web'],
    'installable': True,
    'auto_install': False,
    'post_load': 'post_load',
}
