"""The engine as a function: a program in, questions or its parallel version out.

It keeps nothing between two messages: whoever leads a dialogue sends the answers so
far each time.  The program comes in the message or lies in the caller's home, and so
does what comes out.  The engine works in a process of its own, with limits on time and
memory, that sees nothing but the program (docs/ipt/function.md).
"""
