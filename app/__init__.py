"""The interfaces of the Zoo: one server (pages, widgets, REST) and the command line. Importing this loads nothing."""

import models  # noqa: F401  first, because it switches telemetry off
