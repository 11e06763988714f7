/** The names that chat templates use. What is not listed is reported: lists of what is forbidden are bypassed. */

/** Functions that applications hand to chat templates, and Jinja's own. */
export const KNOWN_FUNCTIONS: ReadonlySet<string> = new Set([
  'raise_exception',
  'strftime_now',
  'namespace',
  'range',
  'dict',
  'cycler',
  'joiner',
  'tojson',
  'caller',
])

/** Objects of applications and frameworks through which templates have reached Python. */
export const OBJECTS_OF_APPLICATIONS: ReadonlySet<string> = new Set([
  'self',
  'super',
  'lipsum',
  'request',
  'session',
  'config',
  'url_for',
  'get_flashed_messages',
  'g',
  'app',
  'context',
  'environment',
  'os',
  'sys',
  'subprocess',
  'builtins',
  'eval',
  'exec',
  'getattr',
  'open',
  'import',
])

/** Texts that come with the model, so its maker chooses them. */
export const TOKEN_NAMES: ReadonlySet<string> = new Set([
  'bos_token',
  'eos_token',
  'pad_token',
  'unk_token',
  'sep_token',
  'cls_token',
  'mask_token',
  'image_token',
  'video_token',
  'audio_token',
])

/** What requests bring. Other names are taken for the same, and reported when they are called or looked into. */
export const REQUEST_NAMES: ReadonlySet<string> = new Set([
  'messages',
  'message',
  'tools',
  'tool',
  'functions',
  'documents',
  'controls',
  'available_tools',
  'builtin_tools',
  'custom_tools',
  'xml_tools',
  'python_tools',
  'loop',
  'varargs',
  'kwargs',
  'chat_template_kwargs',
])

/** Attributes by which Python's objects lead out of a template although they do not begin with "_". */
export const LEAKING_ATTRIBUTES: ReadonlySet<string> = new Set([
  'mro',
  'func_globals',
  'func_code',
  'func_closure',
  'func_defaults',
  'im_class',
  'im_func',
  'im_self',
  'gi_frame',
  'gi_code',
  'gi_yieldfrom',
  'cr_frame',
  'cr_code',
  'cr_await',
  'cr_origin',
  'ag_frame',
  'ag_code',
  'ag_await',
  'tb_frame',
  'tb_next',
  'f_globals',
  'f_builtins',
  'f_locals',
  'f_back',
  'f_code',
  'co_code',
  'co_consts',
])

export const KNOWN_METHODS: ReadonlySet<string> = new Set([
  ...[
    'split',
    'rsplit',
    'splitlines',
    'partition',
    'rpartition',
    'strip',
    'lstrip',
    'rstrip',
    'startswith',
    'endswith',
  ],
  ...['replace', 'upper', 'lower', 'title', 'capitalize', 'swapcase', 'casefold', 'join', 'find', 'rfind', 'index'],
  ...['rindex', 'count', 'isdigit', 'isalpha', 'isalnum', 'isnumeric', 'isdecimal', 'isspace', 'isupper', 'islower'],
  ...['istitle', 'removeprefix', 'removesuffix', 'zfill', 'ljust', 'rjust', 'center', 'encode', 'format', 'format_map'],
  ...['items', 'keys', 'values', 'get', 'copy', 'append', 'extend', 'insert', 'pop', 'update', 'setdefault', 'remove'],
  ...['reverse', 'sort', 'clear', 'cycle', 'changed', 'next', 'reset', 'strftime', 'isoformat'],
])

export const KNOWN_FILTERS: ReadonlySet<string> = new Set([
  ...[
    'abs',
    'attr',
    'batch',
    'capitalize',
    'center',
    'count',
    'd',
    'default',
    'dictsort',
    'e',
    'escape',
    'filesizeformat',
  ],
  ...['first', 'float', 'forceescape', 'format', 'groupby', 'indent', 'int', 'items', 'join', 'last', 'length', 'list'],
  ...['lower', 'map', 'max', 'min', 'pprint', 'random', 'reject', 'rejectattr', 'replace', 'reverse', 'round', 'safe'],
  ...['select', 'selectattr', 'slice', 'sort', 'string', 'striptags', 'sum', 'title', 'tojson', 'trim', 'truncate'],
  ...['unique', 'upper', 'urlencode', 'urlize', 'wordcount', 'wordwrap', 'xmlattr', 'from_json', 'fromjson', 'strip'],
])

/** Filters that take the name of an attribute, and at which place; as `attribute=` too. */
export const ATTRIBUTE_PLACES: ReadonlyMap<string, number> = new Map([
  ['attr', 0],
  ['selectattr', 0],
  ['rejectattr', 0],
  ['groupby', 0],
  ['sum', 0],
  ['unique', 1],
  ['min', 1],
  ['max', 1],
  ['join', 1],
  ['sort', 2],
])

export const KNOWN_TESTS: ReadonlySet<string> = new Set([
  ...[
    'boolean',
    'callable',
    'defined',
    'divisibleby',
    'eq',
    'equalto',
    'escaped',
    'even',
    'false',
    'float',
    'ge',
    'gt',
  ],
  ...['greaterthan', 'in', 'integer', 'iterable', 'le', 'lessthan', 'lower', 'lt', 'mapping', 'ne', 'none', 'None'],
  ...['number', 'odd', 'sameas', 'sequence', 'string', 'true', 'True', 'False', 'undefined', 'upper', 'filter', 'test'],
])
