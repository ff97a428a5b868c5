"""What comes out: feedback pages for learners, an overview and scores for whoever teaches them."""

from grader.gradebook.scores import COLUMNS, ScoreRow, scores_csv
from grader.report.feedback import Feedback, FeedbackCell, feedback_html
from grader.report.overview import class_html

__all__ = ["COLUMNS", "Feedback", "FeedbackCell", "ScoreRow", "class_html", "feedback_html", "scores_csv"]
