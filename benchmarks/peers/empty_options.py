"""The options of `vitrine serve` as gunicorn's configuration, but for address, number of workers and control socket."""

from server.cli.serve import gunicorn_options
from server.settings import load_settings

_OWN = ("bind", "workers", "control_socket", "control_socket_disable", "proc_name")

globals().update({name: value for name, value in gunicorn_options(load_settings()).items() if name not in _OWN})
control_socket_disable = True
