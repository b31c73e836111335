"""The hub: what `st.App` serves at `/`. Try it alone with `streamlit run app/hub/main.py`."""

from pathlib import Path

import streamlit as st

from app.hub import pages

HERE = Path(__file__).parent

st.set_page_config(
    page_title="The Zoo", page_icon=HERE / "favicon.svg", layout="wide"
)  # an emoji or icon would be fetched from outside
st.html(HERE / "style.css")
st.navigation(pages.everything(), position="top").run()
