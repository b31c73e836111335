"""The hub: what `st.App` serves at `/`. Try it alone with `streamlit run app/hub/main.py`."""

from pathlib import Path

import streamlit as st

from app.hub import links, navigation
from app.hub.safety import contained, error_sentence, show_failed_callback
from app.hub.text_blocks import notice

HERE = Path(__file__).parent

# The pages set the title. An emoji or icon as the icon would be fetched from outside.
st.set_page_config(page_icon=HERE / "favicon.svg", layout="wide")
st.html(HERE / "style.css")
try:
    st.navigation(navigation.pages(), position="top").run()
except Exception as error:  # such as a task that has just been removed
    notice(error_sentence(error))
    with contained():
        st.page_link(links.home(), label="All models", icon=":material/arrow_back:")
show_failed_callback()  # on a page without fragments; a fragment shows it itself
