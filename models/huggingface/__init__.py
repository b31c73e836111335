"""Models of the Hugging Face Hub: names, the local cache, pull and push.

`huggingface_hub` is imported only when something is downloaded or uploaded.
"""
