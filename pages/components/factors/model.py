"""The factor model: its accuracy, how the number of factors was chosen, and which factors are common."""

import pandas as pd
import streamlit as st

from core import figures
from core.factors.top_factors import common_factors
from core.formatting import counted
from core.results.run_record import Stability
from core.results.tables import factors as profiles
from core.results.tables.scores import angles, directions
from pages.components.shared.factors import Factors, described, legend, verdict_columns
from pages.components.shared.runs import FinishedRun
from pages.components.shared.show import show_chart, table

MOST_COMMON = 20


def factor_model(run: FinishedRun, about: Factors) -> None:
    """Draw the accuracy of the model, the number of factors and why, and the most common factors."""
    model, tops = run.record.factor_model, table(run, "top_factors")
    st.subheader("How well the factors predict ratings", anchor=False)
    left, right = st.columns(2)
    left.metric("Error on ratings kept out (RMSE)", f"{model.rmse_valid:.3f} stars", border=True)
    right.metric("Baseline: means of films and users", f"{model.rmse_means:.3f} stars", border=True)
    step = "sweep" if model.method == "gibbs" else "epoch"
    losses = pd.DataFrame(model.losses)
    show_chart(
        figures.losses(
            losses,
            f"Loss of the factor model over {len(losses)} {step}s",
            "mean squared error (stars²)",
            step,
            ("means of films and users", model.rmse_means**2),
        ),
        "factor losses",
        f"Lines: the loss on ratings trained on and on ratings kept out, {step} by {step}, and that of means alone",
        losses,
    )
    st.caption(
        "Each sweep draws all weights again. Later sweeps are averaged, which lowers the error on ratings "
        "kept out."
        if step == "sweep"
        else "The loss on ratings trained on includes dropout and is an average over the epoch."
    )
    users = about.stability.among if isinstance(about.stability, Stability) else ""
    among = f" Among {users}." if users else ""
    if choice := model.choice:
        st.subheader("How the number of factors was chosen", anchor=False)
        stable_from = run.record.run_settings.stability.stable_from
        show_chart(
            figures.choice(choice.plain(), stable_from, about.strength_unit),
            "choice",
            "Lines: how far each direction repeats between halves of the users, and how strongly they vary "
            "together along it",
            directions(choice),
            {"shared": st.column_config.NumberColumn(f"root of the covariance ({about.strength_unit})")},
        )
        st.caption(
            f"Models of {choice.tried} directions were trained on halves of the users that share nobody. "
            "A direction was kept if it met two conditions. The halves vary together along it more than along any "
            f"direction in shuffled ratings ({choice.null_shared:.2f} {about.strength_unit}). "
            f"And they correlate by at least {stable_from:.2f}. "
            f"Varying together is measured by the root of the covariance, in {about.strength_unit}.{among}"
        )
    if isinstance(about.stability, Stability):
        subspace = about.stability.subspace
        st.subheader("Do halves of the users find the same space of factors?", anchor=False)
        show_chart(
            figures.subspace(subspace.plain()),
            "subspace",
            "Lines: cosines of the principal angles between halves of the users, and with tastes shuffled",
            angles(subspace),
        )
        st.caption(
            "Two halves of the users each find a space of factors. Number: cosine of the angles between the spaces, "
            "the mean over the halvings. 1: the same direction. Dashed: the same with tastes shuffled away. "
            "Rotated factors still span the same space."
            + (f" The first {figures.MOST_ANGLES} dimensions." if about.count > figures.MOST_ANGLES else "")
            + among
        )
    st.subheader("The most common top factors", anchor=False)
    common = common_factors(tops).head(MOST_COMMON)
    count, top, each = profiles.evenly(tops, about.count)
    show_chart(
        figures.common_factors(common, about.names, count),
        "common factors",
        "Bars: among how many films' top factors each factor is",
        described(common, about),
        {"share": st.column_config.NumberColumn(format="percent"), **verdict_columns()},
    )
    st.caption(
        f"Each of {counted(count, 'film')} has {counted(top, 'top factor')}. "
        f"If all {about.count} factors were equally common, each would be among the top of {each:.0f} films."
    )
    legend(common.factor, about)
