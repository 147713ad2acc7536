"""The front door for HTTP and web sockets."""

import gc
import os
import warnings

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

from lastmile.origins import OriginGuard

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
_http = get_asgi_application()

# Static files are read by whitenoise's synchronous iterator, which Django runs in a thread; it need not say so.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

# Django must be set up before a module with models is imported.
from tracking.consumers import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": OriginGuard(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

# What is loaded by now stays: the collector need not look through it again whenever thousands of rows are read (it took
# half of the time of a large snapshot).
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
