"""The front door for HTTP and web sockets."""

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
