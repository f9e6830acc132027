"""How gunicorn runs the server: its ASGI worker on uvloop, one process per core, settings from `VITRINE_*`.

    gunicorn            reads this file by itself
    vitrine serve       checks the installation first, then does the same

In production it stands behind nginx (`deploy/nginx.conf`): gunicorn waits long for a half-sent request.
"""

from server.settings import load_settings

_settings = load_settings()
_control = (_settings.home_dir / "gunicorn.ctl").absolute()

wsgi_app = "server.asgi:create_application()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "asgi"
asgi_loop = "uvloop"
asgi_lifespan = "on"
workers = _settings.processes

# Connections and the object store are opened after the fork: they do not survive one.
preload_app = False

timeout = 60
graceful_timeout = 20
keepalive = 30

# Each instance has a control socket of its own; a Unix socket's path holds at most 107 bytes.
control_socket = str(_control)
control_socket_disable = len(str(_control)) > 100

# Requests are counted at nginx; a line for each tile here would only cost time.
accesslog = None
errorlog = "-"
