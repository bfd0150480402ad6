"""From the packages the default catalog comes from to the compact files in store/data/."""
