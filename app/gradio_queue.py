"""Gradio's queue and session states, without what they cost per call and keep of it (Gradio 6.31).

Its own queue looks for work at intervals, computes statistics of the last 10,000 calls after each one, and keeps a
record of each call that it has answered. Its own session state, one for each call of the API, starts with a copy of
the configuration of every component.
`blocks.py` puts these classes in the place of Gradio's.
"""

import asyncio
import time
from copy import copy
from typing import Any

import gradio.blocks
import gradio.queueing
import gradio.state_holder
from gradio.utils import run_coro_in_background, set_task_name

MAX_UNREAD = 256  # callers whose answers wait to be read; the oldest are dropped
IDLE = 1.0  # seconds after which the queue looks for work that nobody reported


class Queue(gradio.queueing.Queue):
    """A queue that starts a call as soon as there is room for it, and forgets it when its answer was read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.progress_update_sleep_when_free = IDLE  # nothing here reports progress
        self.ANALYTICS_MAX_EVENTS = 0
        self._changed = asyncio.Event()

    async def push(self, body: Any, request: Any, username: Any) -> tuple[bool, Any, Any]:
        """Add a call."""
        self._forget()
        pushed = await super().push(body, request, username)
        self._changed.set()
        return pushed

    async def start_processing(self) -> None:
        """Start the calls that wait, until the queue is stopped."""
        try:
            while not self.stopped:
                self._changed.clear()
                async with self.delete_lock:
                    while None in self.active_jobs and (taken := self.get_events()):
                        self._start(*taken)
                try:
                    await asyncio.wait_for(self._changed.wait(), IDLE)
                except TimeoutError:
                    continue
        finally:
            self.stopped = True
            self._cancel_asyncio_tasks()

    def _start(self, events: list[gradio.queueing.Event], batch: bool, concurrency_id: str) -> None:
        self.active_jobs[self.active_jobs.index(None)] = events
        queue, began, event = self.event_queue_per_concurrency_id[concurrency_id], time.time(), events[0]
        queue.current_concurrency += 1
        queue.start_times_per_fn[event.fn].add(began)
        task = run_coro_in_background(self.process_events, events, batch, began, event.fn)
        set_task_name(task, event.session_hash, event.fn._id, event._id, batch)  # by which it can be cancelled
        self._asyncio_tasks.add(task)
        task.add_done_callback(self._asyncio_tasks.discard)

    async def process_events(self, events: list[gradio.queueing.Event], *args: Any) -> None:
        """Answer calls."""
        try:
            await super().process_events(events, *args)
        finally:
            for event in events:
                if event.session_hash == event._id and self.server_app:  # a call without a session
                    self.server_app.state_holder.session_data.pop(event._id, None)
                    self.server_app.state_holder.time_last_used.pop(event._id, None)
            self._changed.set()

    def compute_analytics_summary(self, records: Any) -> dict[str, Any]:
        """No statistics: nobody may see them."""
        return self.cached_event_analytics_summary

    def _forget(self) -> None:
        """Drop what is left of callers who have read all their answers, and of the oldest who have not."""
        pending = self.pending_event_ids_session
        ended = [session for session, ids in pending.items() if not ids]
        if len(pending) - len(ended) > MAX_UNREAD:
            ended += [session for session, ids in pending.items() if ids and not ids & self.event_ids_to_events.keys()][
                :-MAX_UNREAD
            ]
        for session in ended:
            del pending[session]
            self.pending_messages_per_session.pop(session, None)


class SessionState(gradio.state_holder.SessionState):
    """A state without the configurations of all components, which only deep links need; there are none here."""

    def __init__(self, blocks: gradio.blocks.Blocks) -> None:
        self.blocks_config = copy(blocks.default_config)
        self.config_values = {}
        self.state_data = {}
        self._state_ttl = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3600

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass
