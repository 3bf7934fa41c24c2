// SPDX-License-Identifier: MIT
// Lesson 1: follow a target through a video.
//
//     pursuit.examples.track_video [SEQUENCE]      a folder in the layout of OTB, VOT, LaSOT, GOT-10k or DAVIS
#include <pursuit/check/rendered_frames.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/data.hpp>
#include <pursuit/eval.hpp>
#include <pursuit/zoo/cacf.hpp>

#include <iostream>
#include <memory>
#include <vector>

int main(int argc, char** argv) {
  try {
    // A source gives frames one by one; without an argument, those of a clip that is drawn on the spot.
    std::unique_ptr<pursuit::FrameSource> frames;
    std::vector<pursuit::Box> truth;
    if (argc > 1) {
      const pursuit::Sequence sequence = pursuit::open_sequence(argv[1]);
      frames = std::make_unique<pursuit::FileFrames>(sequence.frames);
      truth = sequence.boxes;
    } else {
      auto clip = std::make_unique<pursuit::check::RenderedFrames>(pursuit::check::demo_clip());
      for (int t = 0; t < clip->sequence().size(); ++t) truth.push_back(clip->sequence().box(t));
      frames = std::move(clip);
    }
    if (truth.empty()) throw pursuit::Error("this lesson needs a sequence with annotation");

    // The first frame says what the target is.
    pursuit::zoo::Cacf tracker;
    pursuit::SourceFrame frame;
    frames->next(frame);
    tracker.init(frame.image, truth[0]);
    std::vector<pursuit::Box> boxes{truth[0]};

    // Every other frame is a question. A frame that could not be read has status bad_frame; nothing throws.
    while (frames->next(frame)) {
      const pursuit::Track& t = tracker.update(frame.image);
      boxes.push_back(t.box);
      if (boxes.size() % 25 == 0)
        std::cout << "frame " << boxes.size() << ": " << to_string(t.status) << " at " << t.box.x << ", " << t.box.y
                  << ", score " << t.score << '\n';
    }

    const pursuit::OpeScore score = pursuit::score_ope(boxes, truth);
    std::cout << "success AUC " << score.auc() << ", precision at 20 pixels " << score.precision20() << '\n';
    return score.mean_iou > 0.3 ? 0 : 1;
  } catch (const pursuit::Error& e) {
    std::cerr << e.what() << '\n';
    return 1;
  }
}
