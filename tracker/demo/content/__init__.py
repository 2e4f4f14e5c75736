"""The texts of the sample data as TOML files: an invented company, its incidents, and what came back."""
