"""The Content-Security-Policy: the strict one of the settings, loosened for the admin and the API's page alone."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_DOCS = {"style-src": [SELF, UNSAFE_INLINE]}
_ADMIN = {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class PolicyMiddleware(CSPMiddleware):
    """Sends the policy.

    Pages under /admin/ may evaluate the expressions of the admin theme's widgets, and the page that documents the API
    may carry its own style sheet.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return the parts of the header for this answer."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        for prefix, wider in (("/admin/", _ADMIN), ("/api/v1/docs/", _DOCS)):
            if request.path_info.startswith(prefix) and not report_only:
                parts.replace = {**wider, **(parts.replace or {})}
        return parts
