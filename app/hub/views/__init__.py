"""One module per kind of page.

Not named `pages`: Streamlit takes a folder of that name beside `main.py` for its own page files.
"""
