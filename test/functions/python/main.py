"""SRE-002's parser, in small: answers the mean of the values that an event holds."""
import numpy


def handler(data):
    return {"mean": float(numpy.mean(data["values"]))}
