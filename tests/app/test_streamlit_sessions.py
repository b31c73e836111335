"""What Streamlit keeps of closed pages and of widgets that have gone."""

import asyncio
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from streamlit.runtime import app_session, memory_session_storage, state
from streamlit.runtime.session_manager import SessionInfo
from streamlit.testing.v1 import AppTest, app_test

from app import streamlit_sessions
from app.streamlit_sessions import MAX_STALE, SessionStorage
from tests.app.conftest import open_page


@pytest.fixture
def installed(monkeypatch):
    """Streamlit with our classes."""
    monkeypatch.setattr(memory_session_storage, "MemorySessionStorage", memory_session_storage.MemorySessionStorage)
    monkeypatch.setattr(state, "SessionState", state.SessionState)
    streamlit_sessions.install()


@pytest.fixture
def session(installed):
    """A function that makes a session of Streamlit."""

    def make(id: str) -> app_session.AppSession:
        return app_session.AppSession(Mock(main_script_path=__file__), Mock(), Mock(), None, {}, id)

    return make


def test_a_closed_page_holds_no_open_file_and_can_be_opened_again(session):
    async def close_and_reopen():
        storage, page = SessionStorage(), session("a")
        storage.save(SessionInfo(client=None, session=page))
        assert page._script_event_loop.is_closed()
        assert not storage.get("a").session._script_event_loop.is_closed()

    asyncio.run(close_and_reopen())


def test_a_closed_page_is_dropped_when_its_time_is_over(session):
    async def close_and_wait():
        storage = SessionStorage(ttl_seconds=0.1)
        storage.save(SessionInfo(client=None, session=session("a")))
        until = time.monotonic() + 60
        while storage._cache._expirations and time.monotonic() < until:
            await asyncio.sleep(0.1)
        assert not storage._cache._expirations

    asyncio.run(close_and_wait())


def test_sessions_have_our_state(session):
    async def make():
        assert type(session("a")._session_state) is streamlit_sessions.SessionState

    asyncio.run(make())


def test_widgets_that_have_gone_are_forgotten(monkeypatch):
    monkeypatch.setattr(app_test, "SessionState", streamlit_sessions.SessionState)

    def script():
        import streamlit as st

        turn = st.session_state.setdefault("turn", 0)
        st.session_state.turn += 1
        for name in ("a", "b"):
            st.button(name, key=f"{name}-{turn}")
        st.toggle("stays", key="stays", value=True)

    page = AppTest.from_function(script, default_timeout=60)
    for _ in range(MAX_STALE):
        page.run()
    assert not page.exception and page.toggle(key="stays").value
    inner = page.session_state._state._state
    assert len(inner._new_widget_state.widget_metadata) <= MAX_STALE + 3
    assert len(inner._key_id_mapper.id_key_mapping) == len(inner._key_id_mapper._key_id_mapping) <= MAX_STALE + 3
    assert page.toggle(key="stays").set_value(False).run().toggle(key="stays").value is False


def test_the_servers_open_files_return_when_pages_close(server):
    files = Path(f"/proc/{server.process.pid}/fd")
    if not files.exists():
        pytest.skip("only Linux lists the open files of a process")

    def count_after(visits):
        for _ in range(visits):
            asyncio.run(open_page(server.address, "names"))
        time.sleep(1)
        return len(list(files.iterdir()))

    before = count_after(2)
    assert count_after(12) < before + 12
