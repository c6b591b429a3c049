FROM debian:12
LABEL it="3D-Slicer-1.0"
