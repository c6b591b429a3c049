FROM debian:12
ENV MY_VERSION=1 OTHER=2 lower_case=3 TEN_LETTERS_AND_MORE=4
RUN echo "$MYVERSION"
RUN echo "$MY_VERSIO"
RUN echo "$OTHERS"
RUN echo "$OTHR" "$LOWER_CASE"
RUN echo "$lower_cas"
RUN echo "$TEN_LETERS_AND_MOR"
RUN echo "$HTTP_PROX"
RUN echo "$https_prox"
RUN echo "$UNRELATED"
RUN MYVERSION=1; echo "$MYVERSION"
