# For the board.cmake of a board that is to be flashed by flashhost unless something else is asked for.
board_set_flasher_ifnset(flashhost)
board_finalize_runner_args(flashhost)
