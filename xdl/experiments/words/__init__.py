"""Words (part 7 of the checklist): what texts say, and what words mean by the company they keep."""
