"""Streamlit's sessions, without what they keep too long (Streamlit 1.67).

The session of a closed page waits for two minutes, so that a visitor who loses the connection finds the page as it
was. Streamlit's own then stays, with the three open files of an event loop, until another page is closed; and it keeps
the callbacks of every widget that was ever on the page, which here include those of each input's buttons.
"""

import asyncio

from streamlit.runtime import memory_session_storage, state
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.session_manager import SessionInfo

MAX_STALE = 200  # widgets that are no longer on a page; a late click on one of them still counts


class SessionStorage(memory_session_storage.MemorySessionStorage):
    """The sessions of closed pages. They hold no open files, and are dropped when their time is over."""

    def save(self, session_info: SessionInfo) -> None:
        """Store the session of a page that was closed."""
        loop = _loop(session_info.session)
        if not loop.is_running():
            loop.close()
        super().save(session_info)
        asyncio.get_running_loop().call_later(self._cache.ttl + 1, self._cache.expire)

    def get(self, session_id: str) -> SessionInfo | None:
        """A stored session, as it was."""
        stored = super().get(session_id)
        if stored and _loop(stored.session).is_closed():
            stored.session._script_event_loop = asyncio.new_event_loop()
        return stored


def _loop(session: AppSession) -> asyncio.AbstractEventLoop:
    """The event loop that Streamlit makes for the scripts of a session, for libraries that ask for one."""
    return session._script_event_loop


class SessionState(state.SessionState):
    """A state that forgets the oldest widgets that are no longer on the page."""

    def _remove_stale_widgets(self, active_widget_ids: frozenset[str]) -> None:
        super()._remove_stale_widgets(active_widget_ids)
        widgets, keys = self._new_widget_state.widget_metadata, self._key_id_mapper
        present = {*active_widget_ids, *self._new_widget_state.states, *self._old_state}
        for id in [id for id in widgets if id not in present][:-MAX_STALE]:
            del widgets[id]
            key = keys.id_key_mapping.pop(id, None)
            if key is not None and keys.get_id_from_key(key) == id:
                del keys._key_id_mapping[key]


def install() -> None:
    """Put these classes in the place of Streamlit's, which looks them up by name and has no option for them."""
    memory_session_storage.MemorySessionStorage = SessionStorage
    state.SessionState = SessionState
