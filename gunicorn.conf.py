"""For those who start `gunicorn` themselves: the same as `vitrine serve`, without the sweep and the first checks.

`VITRINE_*` settings count here too. In production it stands behind nginx (`deploy/nginx.conf`): gunicorn waits long for
a half-sent request.
"""

from server.memory import keep_small

keep_small()  # before the rest is imported

from server.cli.serve import gunicorn_options  # noqa: E402
from server.settings import load_settings  # noqa: E402

wsgi_app = "server.asgi:create_application()"
globals().update(gunicorn_options(load_settings()))
