FROM --platform=${TARGETPLATFORM:-x} a:1
