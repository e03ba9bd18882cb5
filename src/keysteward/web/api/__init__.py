"""What do programs ask of us under `/api/v1`?"""
