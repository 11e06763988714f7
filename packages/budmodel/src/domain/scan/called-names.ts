/**
 * Names that a configuration has a program import and call, as hydra does with `_target_`: which ones no model needs.
 * A class of some package is custom code, which the owner may allow; Python's own modules, loaders of other code and
 * names that are only known at run time are nothing but a way to run something.
 */

/** Modules of Python itself, but for those that only make values. */
const PYTHON_MODULES = new Set(
  `
  abc aifc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2
  cProfile cgi cgitb chunk cmath cmd code codecs codeop colorsys commands compileall concurrent configparser
  contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses dbm difflib dis distutils doctest email
  encodings ensurepip errno faulthandler fcntl filecmp fileinput fnmatch ftplib gc genericpath getopt getpass
  gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io
  ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal mimetypes mmap
  modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path opcode operator optparse os
  ossaudiodev pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix posixpath pprint profile
  pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri re readline reprlib resource rlcompleter
  runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver
  spwd sqlite3 sre_compile sre_constants sre_parse ssl stat string stringprep struct subprocess sunau symtable sys
  sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap threading timeit tkinter token tokenize
  tomllib trace traceback tracemalloc tty turtle turtledemo types unicodedata unittest urllib urllib2 uu venv
  warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib
  zoneinfo
`
    .trim()
    .split(/\s+/),
)
/** Wherever they stand in a name: other packages hand out Python's modules and loaders as if they were theirs. */
const RISKY_PARTS = new Set([
  ...['os', 'sys', 'subprocess', 'builtins', 'importlib', 'runpy', 'pickle', 'cPickle', 'marshal', 'ctypes', 'shutil'],
  ...['socket', 'pty', 'codeop', 'nt', 'posix', 'pkgutil', 'pdb', 'bdb', 'timeit', 'cProfile', 'webbrowser'],
  ...['multiprocessing', 'asyncio', 'urllib', 'tempfile', 'dill', 'cloudpickle', 'joblib', 'jsonpickle', 'shelve'],
  ...['pip', 'setuptools', 'distutils', 'ctypeslib', 'f2py', 'cpp_extension', 'hub', 'load_library', 'model_zoo'],
  ...['eval', 'exec', 'execfile', 'compile_command', 'system', 'popen', 'Popen', 'check_output', 'check_call'],
  ...['spawn', 'run_path', 'run_module', 'import_module', 'import_string', 'import_from_string', 'locate'],
  ...['get_object', 'get_method', 'get_class', 'get_static_method', 'instantiate', 'unsafe_load', 'read_pickle'],
  ...['runstring', 'getattr', 'setattr'],
])
const RISKY_NAMES =
  /^(?:torch\.(?:load|package|ops|classes|jit\.load|serialization|distributed\.rpc|testing)|numpy\.(?:load|testing)|np\.load|yaml|ruamel|hydra|omegaconf)(?:\.|$)|^functools\.(?!partial$)/
const NAME = /^[A-Za-z]\w*(?:\.[A-Za-z]\w*)+$/

/** Whether calling what `target` names is more than making an object of some model's package. */
export function isDangerousTarget(target: unknown): boolean {
  if (typeof target !== 'string' || target.length > 500) return true
  const name = target.trim()
  if (!NAME.test(name)) return true
  const parts = name.split('.')
  return PYTHON_MODULES.has(parts[0] ?? '') || RISKY_NAMES.test(name) || parts.some((part) => RISKY_PARTS.has(part))
}
