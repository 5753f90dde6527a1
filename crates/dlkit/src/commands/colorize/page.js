for (const slider of document.querySelectorAll(".pair input")) {
  const move = () => slider.parentNode.style.setProperty("--cut", slider.value + "%");
  slider.addEventListener("input", move);
  move();
}
