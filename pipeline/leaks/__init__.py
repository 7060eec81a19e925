"""What leaks from what is trained on into what is asked: twins, captions, words never seen."""
