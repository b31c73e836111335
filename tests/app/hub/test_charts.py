"""The figures that the charts of a model page are drawn from."""

from app.hub.model.charts import curve


def test_a_training_curve_without_numbers_is_left_out():
    assert curve("") == curve("epoch,loss\n1,2") == curve("epoch,accuracy\na,b\n1\n1,2,3\nnan,inf\n") == []
    assert curve("epoch,accuracy\n1,0.5\nx,0.6\n3,0.7\n") == [
        {"epoch": 1.0, "accuracy": 0.5},
        {"epoch": 3.0, "accuracy": 0.7},
    ]
