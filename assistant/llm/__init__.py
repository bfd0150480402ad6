"""The language model behind one small protocol."""
