"""The uploaded and fetched files in the cache, and their removal."""

import time

import streamlit as st

from core import jobs
from core.formatting import counted
from core.store import Store
from core.uploads.storage import StoredFile, remove, stored_files, uses
from pages.components.data.source_cards import size_of
from pages.components.shared.run_notes.progress import UNDER_WAY
from pages.components.shared.runs import label_of
from pages.components.shared.text import errors, plain

NAMED = 5
"""Most runs named among those that read a file."""


def kept_files(store: Store) -> None:
    """Draw each file and each source's answers: size, date, the runs that read it, and a remove button."""
    files = stored_files(store.root)
    if not files:
        st.info(
            "Nothing was uploaded or fetched yet. To upload reviews, open “New run” and choose “My own file of "
            "reviews”."
        )
    runs = jobs.runs(store)
    for file in files:
        readers = [job for job in runs if uses(file, job.settings)]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                st.markdown(f"**{plain(file.name)}**")
                label = "Uploaded" if file.path.is_relative_to(store.root / "uploads") else "Fetched"
                when = _date(file.time)
                if file.since is not None and _date(file.since) != when:
                    when = f"from {_date(file.since)} to {when}"
                st.caption(plain(f"{label} {when}, {size_of(file.bytes)}. {_read_by(readers)}"))
            with st.popover("Remove", icon=":material/delete:", key=f"remove {file.path}"):
                _confirm(file, readers, store)


def _date(seconds: float) -> str:
    return time.strftime("%d %b %Y %H:%M", time.localtime(seconds))


def _read_by(readers: list[jobs.JobStatus]) -> str:
    if not readers:
        return "No run reads it."
    names = "; ".join(label_of(job) for job in readers[:NAMED]) + ("; …" if len(readers) > NAMED else "")
    return f"Read by {counted(len(readers), 'run')}: {names}."


def _confirm(file: StoredFile, readers: list[jobs.JobStatus], store: Store) -> None:
    """Explain what removing the file does, and remove it when the user confirms."""
    at_work = [job for job in readers if job.state in UNDER_WAY]
    if at_work:
        st.warning(plain(f"{label_of(at_work[0])} is under way and reads it. That run may fail."))
    st.write("Runs that have read it keep their own copies. A new run needs it again.")
    label = "this file" if file.source is None else "these answers"
    if st.button(f"Remove {label}", type="primary", icon=":material/delete:", key=f"sure of {file.path}"):
        with errors():
            remove(file.path, store.root)
        st.rerun()
