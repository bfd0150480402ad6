"""LoRA adapters of the language model: the data they learn from, the training, the export to what serves
them."""
