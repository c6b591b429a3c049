FROM Scratch

