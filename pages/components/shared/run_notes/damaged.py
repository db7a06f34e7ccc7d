"""What to do about a finished run whose files are damaged."""

from pathlib import Path

import streamlit as st

from core import jobs
from core.errors import BadInput
from core.store import Store
from pages.components.shared.runs import forget
from pages.components.shared.text import errors


def make_again_or_delete(folder: Path) -> None:
    """Draw the ways on for the run with these files; nothing where the folder is none of a run on the pages."""
    if (folder.name, folder.parents[1].name) != ("out", "runs"):
        return
    run_id, store = folder.parent.name, Store(folder.parents[2])
    try:
        if jobs.status(run_id, store).state != "done":
            return
    except BadInput:
        return
    st.write(
        "Finished stages are in the cache, so making the run again takes seconds. It keeps the names of "
        "its factors."
    )
    with st.container(horizontal=True):
        if st.button("Make it again", type="primary", icon=":material/replay:", key=f"repeat {run_id}"):
            with errors():
                jobs.repeat(run_id, store)
            st.rerun()
        if st.button("Delete it", icon=":material/delete:", key=f"delete damaged {run_id}"):
            jobs.delete(run_id, store)
            forget(run_id)
            st.rerun()
