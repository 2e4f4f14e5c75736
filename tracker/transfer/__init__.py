"""Import, export and backup. The pure reader of Markdown postmortems is `reading`, our own dialect `dialect`."""
