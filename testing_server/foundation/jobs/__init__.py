"""Jobs: work for the queue, done by a process of its own.

Takes `@job` functions of the stages. Every job must be repeatable: a worker may die at any line and
the job is run again from its start.
"""
from testing_server.foundation.jobs.registry import JobContext, job
from testing_server.foundation.jobs.queue import FakeJobs, Jobs

__all__ = ["FakeJobs", "JobContext", "Jobs", "job"]
