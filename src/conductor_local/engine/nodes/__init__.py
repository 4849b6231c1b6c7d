"""What each kind of node does, one kind a file. The table in `engine/advance.py` joins them to the IR."""
