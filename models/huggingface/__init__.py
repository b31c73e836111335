"""Models of the Hugging Face Hub: their names, where pulled ones lie, pulling, pushing.

`huggingface_hub` is imported when something is fetched or sent.
"""
